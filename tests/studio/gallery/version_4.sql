-- A gallery as the program wrote it before its first release, with the tables of version 4.
CREATE TABLE project (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	draft TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE blob (
	sha VARCHAR(64) NOT NULL, 
	extension VARCHAR(8) NOT NULL, 
	bytes BIGINT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (sha)
);
CREATE TABLE sketch_rev (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	project_id VARCHAR(32) NOT NULL, 
	strokes TEXT NOT NULL, 
	ink_sha VARCHAR(64), 
	photo_sha VARCHAR(64), 
	created FLOAT NOT NULL, 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(ink_sha) REFERENCES blob (sha), 
	FOREIGN KEY(photo_sha) REFERENCES blob (sha)
);
CREATE INDEX ix_sketch_rev_project ON sketch_rev (project_id, seq);
CREATE TABLE variant (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	project_id VARCHAR(32) NOT NULL, 
	parent_variant_id VARCHAR(32), 
	sketch_rev_id VARCHAR(32), 
	picture_sha VARCHAR(64) NOT NULL, 
	request TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	weights VARCHAR(64) NOT NULL, 
	seed BIGINT NOT NULL, 
	seconds FLOAT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	checks TEXT NOT NULL, 
	starred BOOLEAN NOT NULL, 
	created FLOAT NOT NULL, 
	deleted_at FLOAT, component_rev_id VARCHAR(32) REFERENCES component_rev(id) ON DELETE SET NULL, job_id VARCHAR(32) REFERENCES job(id) ON DELETE SET NULL, job_index INTEGER, passed BOOLEAN, note TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '', 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(parent_variant_id) REFERENCES variant (id) ON DELETE SET NULL, 
	FOREIGN KEY(sketch_rev_id) REFERENCES sketch_rev (id) ON DELETE SET NULL, 
	FOREIGN KEY(picture_sha) REFERENCES blob (sha)
);
CREATE INDEX ix_variant_project ON variant (project_id, seq);
CREATE TABLE variant_input (
	variant_id VARCHAR(32) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	sha VARCHAR(64) NOT NULL, 
	PRIMARY KEY (variant_id, role), 
	FOREIGN KEY(variant_id) REFERENCES variant (id) ON DELETE CASCADE, 
	FOREIGN KEY(sha) REFERENCES blob (sha)
);
CREATE TABLE schema_version (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE component_rev (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	project_id VARCHAR(32) NOT NULL, 
	document TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
CREATE INDEX ix_component_rev_project ON component_rev (project_id, seq);
CREATE TABLE job (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	project_id VARCHAR(32) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	requests TEXT NOT NULL, 
	parent_variant_id VARCHAR(32), 
	sketch_rev_id VARCHAR(32), 
	component_rev_id VARCHAR(32), 
	until_passed BOOLEAN NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	batch INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	steps INTEGER NOT NULL, 
	eta_seconds FLOAT, 
	message TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	stop BOOLEAN NOT NULL, 
	owner VARCHAR(160), 
	beat FLOAT, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	ended FLOAT, 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(sketch_rev_id) REFERENCES sketch_rev (id) ON DELETE SET NULL, 
	FOREIGN KEY(component_rev_id) REFERENCES component_rev (id) ON DELETE SET NULL
);
CREATE INDEX ix_job_state ON job (state, seq);
CREATE INDEX ix_job_started ON job (project_id, started);
CREATE INDEX ix_job_project ON job (project_id, state, seq);
CREATE TABLE job_input (
	job_id VARCHAR(32) NOT NULL, 
	sha VARCHAR(64) NOT NULL, 
	PRIMARY KEY (job_id, sha), 
	FOREIGN KEY(job_id) REFERENCES job (id) ON DELETE CASCADE, 
	FOREIGN KEY(sha) REFERENCES blob (sha)
);
CREATE INDEX ix_job_input_sha ON job_input (sha);
CREATE INDEX ix_variant_shown ON variant (project_id, seq) WHERE deleted_at IS NULL;
CREATE INDEX ix_variant_trash ON variant (project_id, seq) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_variant_starred ON variant (project_id, starred, seq);
CREATE INDEX ix_variant_passed ON variant (project_id, passed, seq);
CREATE INDEX ix_variant_seed ON variant (project_id, seed, seq);
CREATE INDEX ix_variant_created ON variant (project_id, created);
CREATE INDEX ix_variant_parent ON variant (parent_variant_id);
CREATE INDEX ix_variant_sketch ON variant (sketch_rev_id);
CREATE INDEX ix_variant_components ON variant (component_rev_id);
CREATE INDEX ix_variant_picture ON variant (picture_sha);
CREATE INDEX ix_variant_input_sha ON variant_input (sha);
CREATE INDEX ix_sketch_rev_ink ON sketch_rev (ink_sha);
CREATE INDEX ix_sketch_rev_photo ON sketch_rev (photo_sha);
CREATE UNIQUE INDEX ix_variant_job ON variant (job_id, job_index);
CREATE VIRTUAL TABLE variant_search USING fts5(project_id, prompt, note, words, content='variant', content_rowid='seq', tokenize='porter unicode61 remove_diacritics 2', prefix='2 3 4');
CREATE TRIGGER variant_search_added AFTER INSERT ON variant BEGIN INSERT INTO variant_search (rowid, project_id, prompt, note, words) VALUES (new.seq, new.project_id, new.prompt, new.note, new.words); END;
CREATE TRIGGER variant_search_removed AFTER DELETE ON variant BEGIN INSERT INTO variant_search (variant_search, rowid, project_id, prompt, note, words) VALUES ('delete', old.seq, old.project_id, old.prompt, old.note, old.words); END;
CREATE TRIGGER variant_search_changed AFTER UPDATE OF seq, project_id, prompt, note, words ON variant BEGIN INSERT INTO variant_search (variant_search, rowid, project_id, prompt, note, words) VALUES ('delete', old.seq, old.project_id, old.prompt, old.note, old.words); INSERT INTO variant_search (rowid, project_id, prompt, note, words) VALUES (new.seq, new.project_id, new.prompt, new.note, new.words); END;
CREATE TABLE comparison (
	project_id VARCHAR(32) NOT NULL, 
	chosen TEXT NOT NULL, 
	mode VARCHAR(16) NOT NULL, 
	PRIMARY KEY (project_id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
CREATE TABLE ballot (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	project_id VARCHAR(32) NOT NULL, 
	token VARCHAR(64) NOT NULL, 
	question TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	closed_at FLOAT, 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	UNIQUE (token)
);
CREATE INDEX ix_ballot_project ON ballot (project_id, seq);
CREATE TABLE ballot_entry (
	ballot_id VARCHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	variant_id VARCHAR(32), 
	seed BIGINT NOT NULL, 
	picture_sha VARCHAR(64) NOT NULL, 
	PRIMARY KEY (ballot_id, position), 
	FOREIGN KEY(ballot_id) REFERENCES ballot (id) ON DELETE CASCADE, 
	FOREIGN KEY(variant_id) REFERENCES variant (id) ON DELETE SET NULL, 
	FOREIGN KEY(picture_sha) REFERENCES blob (sha)
);
CREATE INDEX ix_ballot_entry_variant ON ballot_entry (variant_id);
CREATE INDEX ix_ballot_entry_picture ON ballot_entry (picture_sha);
CREATE TABLE vote (
	ballot_id VARCHAR(32) NOT NULL, 
	voter VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	created FLOAT NOT NULL, 
	changed FLOAT NOT NULL, 
	PRIMARY KEY (ballot_id, voter), 
	FOREIGN KEY(ballot_id) REFERENCES ballot (id) ON DELETE CASCADE
);
CREATE TABLE reference_board (
	project_id VARCHAR(32) NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (project_id), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
CREATE TABLE reference_file (
	project_id VARCHAR(32) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	sha VARCHAR(64) NOT NULL, 
	active BOOLEAN NOT NULL, 
	used FLOAT NOT NULL, 
	PRIMARY KEY (project_id, role, sha), 
	FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	FOREIGN KEY(sha) REFERENCES blob (sha)
);
CREATE INDEX ix_reference_file_sha ON reference_file (sha);
INSERT INTO schema_version VALUES (1, 4);
INSERT INTO project VALUES (1, 'work', 'Old work', '{"prompt": "a navy coat"}', 1796005647.9754636, 1796005648.1791666);
INSERT INTO project VALUES (2, 'other', 'Other', '{}', 1796005647.9821844, 1796005648.1667364);
INSERT INTO blob VALUES ('bf10c8d732f3af392d5e436d24196d564699c24d704b84338e4ad8b0adce21e7', 'png', 99, 1796005648.032351);
INSERT INTO blob VALUES ('615215604f33cc7d0d40f90155031ea3feca683ec2d61f3efab28bb37239316a', 'png', 99, 1796005648.1331716);
INSERT INTO blob VALUES ('2d2358ce13962a6002c887dc7b354bfc8589f6bc3e5c64a56f2a6ff7c2e6704c', 'png', 99, 1796005648.1548073);
INSERT INTO blob VALUES ('846b2fa220478f0779219d5774fd2b2dec452e18db75546833728eed631b519a', 'png', 100, 1796005648.162792);
INSERT INTO blob VALUES ('4359a6e7e66b8686f6d03c3f21c420fdcc6169aa14cdf9ebd2245f173840a106', 'png', 100, 1796005648.1664765);
INSERT INTO blob VALUES ('ac4f686f121de46df3a91fe58de500398353c7fb8d58644667be5a2cdee09318', 'png', 99, 1796005648.1773906);
INSERT INTO sketch_rev VALUES (1, 'sketch', 'work', '{"v": 1, "strokes": []}', 'bf10c8d732f3af392d5e436d24196d564699c24d704b84338e4ad8b0adce21e7', NULL, 1796005648.0346336);
INSERT INTO component_rev VALUES (1, 'components', 'work', '{"v": 1, "items": []}', 1796005648.0402722);
INSERT INTO job VALUES (1, 'stopped', 'work', 'vary', '["{\"format\": 1, \"prompt\": \"a red dress\"}", "{\"format\": 1, \"prompt\": \"a red dress\", \"seed\": 3}"]', 'coat', 'sketch', NULL, 0, 'interrupted', 'interrupted', 0, 3, 20, NULL, '', 3, 0, 'me', 1796005648.150094, 1796005648.1389804, 1796005648.1472914, NULL);
INSERT INTO job VALUES (2, 'waiting', 'other', 'generate', '["{\"format\": 1, \"prompt\": \"a hat\"}"]', NULL, NULL, NULL, 1, 'waiting', 'waiting', 0, 0, 0, NULL, '', 0, 0, NULL, NULL, 1796005648.1584415, NULL, NULL);
INSERT INTO job_input VALUES ('stopped', 'bf10c8d732f3af392d5e436d24196d564699c24d704b84338e4ad8b0adce21e7');
INSERT INTO variant VALUES (1, 'coat', 'work', NULL, 'sketch', '615215604f33cc7d0d40f90155031ea3feca683ec2d61f3efab28bb37239316a', '{"format": 1, "prompt": "a navy coat", "components": [{"kind": "button", "place": "centre front"}, {"kind": "button", "place": "centre front"}, {"kind": "button", "place": "centre front"}, {"kind": "button", "place": "centre front"}, {"kind": "button", "place": "centre front"}]}', 'a navy coat', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 1, 2.5, 32, 32, '[{"what": "buttons", "passed": true}]', 1, 1796005648.1336975, NULL, 'components', NULL, NULL, 1, '', '5 buttons: 5 centre front');
INSERT INTO variant VALUES (2, 'dress', 'work', 'coat', NULL, '2d2358ce13962a6002c887dc7b354bfc8589f6bc3e5c64a56f2a6ff7c2e6704c', '{"format": 1, "prompt": "a red dress"}', 'a red dress', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 2, 2.5, 32, 32, '[{"what": "buttons", "passed": false}]', 0, 1796005648.1550891, NULL, NULL, 'stopped', 0, 0, 'for the lookbook', '');
INSERT INTO variant VALUES (3, 'trashed', 'work', NULL, NULL, '846b2fa220478f0779219d5774fd2b2dec452e18db75546833728eed631b519a', '{"format": 1, "prompt": "a red dress", "seed": 3}', 'a red dress', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 3, 2.5, 32, 32, '[]', 0, 1796005648.1630313, 1796005648.1747353, NULL, NULL, NULL, NULL, '', '');
INSERT INTO variant VALUES (4, 'skirt', 'other', NULL, NULL, '4359a6e7e66b8686f6d03c3f21c420fdcc6169aa14cdf9ebd2245f173840a106', '{"prompt": "a navy coat"}', 'a green skirt', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 4, 2.5, 32, 32, '[]', 0, 1796005648.1667364, NULL, NULL, NULL, NULL, NULL, '', '');
INSERT INTO variant_input VALUES ('coat', 'sketch', 'bf10c8d732f3af392d5e436d24196d564699c24d704b84338e4ad8b0adce21e7');
INSERT INTO reference_board VALUES ('work', '{"garment": {}}');
INSERT INTO reference_file VALUES ('work', 'garment_image', 'ac4f686f121de46df3a91fe58de500398353c7fb8d58644667be5a2cdee09318', 1, 1796005648.180783);
INSERT INTO comparison VALUES ('work', '["coat", "dress"]', 'grid');
INSERT INTO ballot VALUES (1, 'ballot', 'work', 'f9xJ2ErDhKweF9CekdWGRMn5goKBaDqsBUvl34pIGGA', 'Which would you wear?', 1796005648.1871567, NULL);
INSERT INTO ballot_entry VALUES ('ballot', 0, 'coat', 1, '615215604f33cc7d0d40f90155031ea3feca683ec2d61f3efab28bb37239316a');
INSERT INTO ballot_entry VALUES ('ballot', 1, 'dress', 2, '2d2358ce13962a6002c887dc7b354bfc8589f6bc3e5c64a56f2a6ff7c2e6704c');
INSERT INTO vote VALUES ('ballot', '62f8470f2d23a51aec1113db2ac5553e0b7e73f5a46e7d55cd70a0a6dd0a76ea', 1, 'Ada', 1796005648.1921494, 1796005648.1921494);
