// Codes read by the device's camera: bar codes and DataMatrix, decoded on the device.

const EVERY_MS = 120; // between two pictures that are looked at
const WIDTH_MAX = 960; // pixels of a picture
const SAME_MS = 2_000; // a code that stays in view counts once
const FORMATS = ["EAN13", "EAN8", "UPCA", "Code128", "ITF14", "DataMatrix", "QRCode"];

let reading = null;

/** The decoder, loaded when a camera is opened for the first time. */
function decoder() {
  reading ??= import("./zxing/reader/reader.js").then(async (zxing) => {
    const locateFile = () => new URL("./zxing/reader.wasm", import.meta.url).href;
    await zxing.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    return (image) => zxing.readBarcodes(image, { formats: FORMATS, maxNumberOfSymbols: 1 });
  });
  return reading;
}

/** Whether this device may have a camera (browsers give it to HTTPS pages and to localhost only). */
export const hasCamera = Boolean(navigator.mediaDevices?.getUserMedia);

/**
 * Show the camera in a <video> and call `onCode` for every code, until the returned function is called.
 * Raises what the browser raises when there is no camera or it is not allowed.
 */
export async function watch(video, onCode) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "environment", width: { ideal: 1280 } },
  });
  let isOver = false;
  const stop = () => {
    isOver = true;
    for (const track of stream.getTracks()) track.stop();
  };
  try {
    video.srcObject = stream;
    await video.play();
    const decode = await decoder();
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const seen = new Map();
    const look = async () => {
      if (isOver) return;
      const scale = Math.min(1, WIDTH_MAX / (video.videoWidth || 1));
      canvas.width = video.videoWidth * scale;
      canvas.height = video.videoHeight * scale;
      if (canvas.width && canvas.height) {
        pen.drawImage(video, 0, 0, canvas.width, canvas.height);
        const [found] = await decode(pen.getImageData(0, 0, canvas.width, canvas.height));
        const now = performance.now();
        if (found?.text && !isOver) {
          if (now - (seen.get(found.text) ?? -SAME_MS) >= SAME_MS) onCode(found.text);
          seen.set(found.text, now);
        }
      }
      setTimeout(look, EVERY_MS);
    };
    void look();
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}
