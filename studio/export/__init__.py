"""What leaves the studio: contact sheet, portfolio page, technical sheet, project file.

No torch in here.
"""
