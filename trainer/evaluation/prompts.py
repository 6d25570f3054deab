"""Prompts as students and designers write them: not one comes from the caption writer."""

PROMPTS: tuple[str, ...] = (
    "navy wool coat, five buttons down the front, notched lapels",
    "I'd like a burgundy knit turtleneck, flat on a white table",
    "red summer dress with white polka dots, no sleeves",
    "simple white tee, round neck",
    "denim jacket in blue with two chest pockets and six buttons",
    "grey hoodie, zip, kangaroo pocket",
    "chinos, olive, nothing fancy, laid out on white",
    "a yellow raincoat with a hood for a woman on a city street",
    "pleated skirt in teal, belted",
    "checked flannel style shirt, green, long sleeves, 7 buttons",
    "man in the park wearing a plain black t-shirt",
    "double-breasted navy blazer with four buttons, please",
    "pink satin blouse with a bow at the neck",
    "striped breton sweater, long sleeves, crew neck",
    "beige linen shorts, two pockets",
    "purple cord trousers, straight cut",
    "floral sundress, orange, v neck",
    "brown leather bomber with a zip",
    "waistcoat in grey wool with three buttons",
    "jumpsuit, khaki, short sleeves, belt at the waist, worn by a woman by the sea",
    "white shirt with a mandarin collar and short sleeves",
    "teal polo with three buttons and a pocket on the left chest",
    "black tank top with a scoop neck",
    "long camel cardigan with four buttons and hip pockets",
)

SKETCHED: tuple[str, ...] = (
    "in navy wool",
    "red, plain cotton",
    "green checks",
    "beige linen",
    "black",
    "pink with white dots",
    "striped blue cotton",
    "burgundy, floral",
    "grey wool",
    "yellow cotton",
    "plain brown cotton",
    "teal, plain",
)
"""What is said of a sketched garment; the sheet puts the garment's name in front."""

DEFAULT_SKETCH_PROMPT = "a navy dress laid flat on a white background"
"""For a real sketch about which nothing else is said."""

GUIDED = "a red wool coat with a notched lapel and four buttons"
"""The prompt of the sheet that goes through sT."""

SCALES: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0)
