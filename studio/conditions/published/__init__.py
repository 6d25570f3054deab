"""Published adapters for a base of Stable Diffusion 1.5's kind, loaded strictly.

Each file is compared with what the given base needs before anything is loaded, by name and shape
(`parts`); a deviation is a sentence, never a silently missing weight. `whole` tells the same of all
files in a folder, for Stable Diffusion 1.5 itself.
"""
