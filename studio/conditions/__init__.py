"""One control is one file: what the user gives becomes tensors for the denoising loop."""
