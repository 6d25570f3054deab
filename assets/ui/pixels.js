// Pictures pixel by pixel.

/** A canvas to read pixels from.
 *  @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
export function pixelsOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}

/** A colour as a pixel is stored; each part from 0 to 255.
 *  @param {number} red @param {number} green @param {number} blue @param {number} opacity */
export const rgba = (red, green, blue, opacity) => (opacity << 24) | (blue << 16) | (green << 8) | red;

/** Draw an image as large as a canvas, each pixel in another colour.
 *  @param {HTMLCanvasElement} canvas @param {HTMLImageElement} image
 *  @param {(light: number, at: number, lights: Uint8ClampedArray) => number} colour of a pixel's
 *    brightness, its number and the brightness of all */
export function repaint(canvas, image, colour) {
  const { width, height } = canvas;
  const context = pixelsOf(canvas);
  context.drawImage(image, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  const lights = pixels.data.filter((_, i) => i % 4 === 0);
  const painted = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < painted.length; i += 1) painted[i] = colour(lights[i], i, lights);
  context.putImageData(pixels, 0, 0);
}

/** Read an image; resolves when its pixels are there.
 *  @param {string} source @returns {Promise<HTMLImageElement>} */
export async function load(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}
