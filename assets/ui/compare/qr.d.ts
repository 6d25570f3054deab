export function qrPicture(text: string, label: string): SVGElement | null;
