"""How true a generated picture is to a garment: MP-LPIPS, CAMI, CLIP-T and CLIP-I.

    mp_lpips     the same cloth at corresponding points (Magic Clothing)
    cami         structure, corners, texture; face, caption, pose (IMAGDressing-v1)
    similarity   CLIP-T and CLIP-I
    networks     the protocols of the networks that judge
    bundled, published   the two sets of judges

All take lists of RGB pictures and masks and give one value a pair; they draw no random numbers
but seeded ones. Not one downloads anything.

Deviations from the published scripts, each with its reason. Numbers of the two are comparable only
where the same networks judged and no deviation is in play; reports name the networks.

MP-LPIPS (Magic Clothing's metric_MP_LPIPS.py)
  - Any number of pairs at once, on any device; published: one pair, CUDA and xformers only.
  - The worn garment's mask is given by the caller (perception, a parser, a person); published: a
    parser's class of upper clothes only, so that trousers and dresses could not be measured.
  - Latents are the autoencoder's mean; published: drawn at random. The noises are the same for
    every picture; published: they follow from what ran before.
  - Pictures are shrunk by area, enlarged bicubically.
  - A garment smaller than the grid's spacing has one point; published: no number.
  - Bundled judges: the family's own UNet at timestep 101, up blocks 0 and 1, four noises, seeing
    whole pictures (cut out on black, its best block finds 52% of the components instead of 76%);
    perception's trunk in place of LPIPS; sizes halved but for the patch.
  - As published: grid of points, best cosine over the whole picture, patches cut from garments on
    black, the mask grown by a square, white against black for a miss, mean over points.

CAMI-U (IMAGDressing's eval.py); the script's formulas are in
`tests/trainer/evaluation/published_cami.py`, which holds these against them
  - The published script cannot run (an array goes where a path is read) and, with absolute paths,
    compares a file with itself; here arrays are compared, each given by the caller.
  - A missing picture counted 0 without a word; here it cannot be left out of the lists, and a
    picture without a garment (an empty mask) counts as unlike: 0, 0.01 and 0.
  - Garments are compared in their own bounding boxes at the smaller one's size; published: in the
    whole picture, where the place in the frame decides.
  - S_k: corners on equally large pictures, in parts of their diagonal, from both sides; published:
    on pictures of different sizes by a fixed diagonal (512 times root 2), from the reference only,
    so that a picture full of corners wins, with a limit of 5000 corners against that.
  - S_k: two garments without corners are alike; published: no number.
  - S_t: all 256 codes, of the cloth only; published: 64 bins over 0 to 64, which leaves out most
    codes, and the black ground, whose one code outweighs the cloth.
  - S_s is SSIM as published (window of 7); the data range is said to be 255.

CAMI-S (eval_s.py), measured under --specified
  - Every garment is asked for once, on its own true wearer: pose, face and words belong together;
    published: each of a few poses, faces and prompts with every garment.
  - The face's picture shows the same figure in a white T-shirt, so that a collar tells nothing.
  - A garment of the lower body is shown without a head. Nobody asks for a face there, and the
    picture has no CAMI-S; its S_p is reported. The same holds where the judge finds no face in the
    portrait. Reports say how many are left; published: every picture has a face.
  - Joints outside of the true picture are not asked for. Both skeletons are drawn by the studio,
    the second one from what perception sees, with every joint that can be drawn (a score of 0.1);
    published: OpenPose's own drawing, stretched to the asked-for one's size. On 64 true pictures
    after the round trip S_p is 0.56, with another one's pose 0.16 (area under the curve 0.98); with
    the studio's stricter score of 0.25 it is 0.40 and 0.10 (0.93), for arms in sleeves are lost.
  - S_p: a pixel is drawn if any channel is not black; published: channel sums and products in
    eight bits, where 16 times 16 is 0.
  - S_c: whole texts; published: a list type that takes a text apart into letters.
  - S_f: no face where one was asked for is 0; published: an error.

What the corrections are worth, on undistorted renders with their true masks: 45 of 50 held-out
pairs have another garment of the same type among the 50. The chance that a true picture's CAMI-U
is higher than a false one's (area under the curve) is 0.90, by the published formulas 0.76; for
bundled MP-LPIPS (lower) it is 0.92.

CLIP-T, CLIP-I: plain cosines of whole pictures, without a factor.
"""
