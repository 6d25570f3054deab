// Answers of the server may overtake each other: a job never goes back to an earlier state.

export function latestJob() {
  let known = null;
  return (job) => {
    if (!job || job.id !== known?.id || job.version >= known.version) known = job;
    return known;
  };
}
