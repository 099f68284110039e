// Every visible text of the page with its contrast to the ground under it (WCAG 2), after a mail program has turned the colours.
// `turn` is "": as they are; "dark-text-light-ground": what react-email's preview does to show forced dark mode (dark text and light
// grounds change sides, to three quarters, with a fifth less chroma); "all": every lightness is turned round.
turn => {
  const WHITE = [0.9642956764295677, 1, 0.8251046025104602];  // D50, on which CIE Lab stands
  const TO_XYZ = [  // linear sRGB to XYZ, adapted from D65 to D50 (Bradford)
    [0.436065742824811, 0.3851514688337912, 0.14307845442264197],
    [0.22249319175623702, 0.7168870538238823, 0.06061979053616537],
    [0.013923904500943465, 0.09708128566574634, 0.7140993584005155],
  ];
  const TO_RGB = [
    [3.1341359569958707, -1.6173863321612538, -0.4906619460083532],
    [-0.978795502912089, 1.916254567259524, 0.03344273116131949],
    [0.07195537988411677, -0.2289768264158322, 1.405386058324125],
  ];
  const times = (matrix, v) => matrix.map(row => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
  const linear = c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const gamma = c => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

  function toLch(rgb) {
    const f = times(TO_XYZ, rgb.map(linear)).map((c, i) => c / WHITE[i]).map(t => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116));
    const [a, b] = [500 * (f[0] - f[1]), 200 * (f[1] - f[2])];
    return [116 * f[1] - 16, Math.hypot(a, b), Math.atan2(b, a)];
  }

  function fromLch([l, c, h]) {
    const y = (l + 16) / 116;
    const f = [y + c * Math.cos(h) / 500, y, y - c * Math.sin(h) / 200];
    const xyz = f.map((t, i) => (t ** 3 > 216 / 24389 ? t ** 3 : (116 * t - 16) * 27 / 24389) * WHITE[i]);
    return times(TO_RGB, xyz).map(c => gamma(Math.min(Math.max(c, 0), 1)));
  }

  function turned(rgb, isText) {
    if (!turn) return rgb;
    let [l, c, h] = toLch(rgb);
    if (turn === "all") l = 100 - l;
    else {
      if (isText ? l < 50 : l >= 50) l = 100 - l * 0.75;
      c *= 0.8;
    }
    return fromLch([l, c, h]);
  }

  const parsed = colour => {
    const [r, g, b, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return [[r / 255, g / 255, b / 255], alpha];
  };
  const over = (top, alpha, below) => top.map((c, i) => c * alpha + below[i] * (1 - alpha));
  const luminance = rgb => { const [r, g, b] = rgb.map(linear); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const hex = rgb => "#" + rgb.map(c => Math.round(c * 255).toString(16).padStart(2, "0")).join("");

  function ground(tag) {
    if (!tag) return turned([1, 1, 1], false);
    const [rgb, alpha] = parsed(getComputedStyle(tag).backgroundColor);
    return alpha === 1 ? turned(rgb, false) : alpha === 0 ? ground(tag.parentElement) : over(turned(rgb, false), alpha, ground(tag.parentElement));
  }

  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const tag = texts.currentNode.parentElement, words = texts.currentNode.data.trim();
    if (!words || !tag.checkVisibility({visibilityProperty: true})) continue;
    const under = ground(tag), [rgb, alpha] = parsed(getComputedStyle(tag).color);
    const text = over(turned(rgb, true), alpha, under);
    const [low, high] = [luminance(text), luminance(under)].sort((a, b) => a - b);
    found.push({words: words.slice(0, 60), contrast: (high + 0.05) / (low + 0.05), text: hex(text), ground: hex(under)});
  }
  return found;
}
