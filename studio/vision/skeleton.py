"""The joints of a body, by name, and the stick figure that stands for them.

Two orders are in use. COCO's 17 (Lin et al. 2014, arXiv 1405.0312) are what the wardrobe records
and the perception network answers; OpenPose's 18 (Cao et al. 2019, arXiv 1812.08008) add a neck
and are what the published pose control was trained with. Left and right are the wearer's.
"""

from __future__ import annotations

COCO_JOINTS: tuple[str, ...] = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder",
    "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip",
    "left knee", "right knee", "left ankle", "right ankle",
)  # fmt: skip
"""COCO's 17 joints in their order."""
