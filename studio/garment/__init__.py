"""What a garment is: vocabulary, specification, captions and vector flats. No torch in here."""
