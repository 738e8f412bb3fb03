// A study as a picture: two panels of points, one of them usually the objective trial by trial with the best so far.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly points: readonly Point[];
  /** Joined by a line. */
  readonly line?: readonly Point[];
  /** A horizontal line to compare with. */
  readonly reference?: number;
}

const SIZE = { width: 420, height: 300, left: 52, right: 14, top: 34, bottom: 44 };
const TICKS = 4;

/** Trial by trial, with the best so far. 1 is plain decoding. */
export function valuesPanel(values: readonly number[]): Panel {
  const points = values.map((value, i) => ({ x: i + 1, y: value }));
  return {
    title: 'Predicted or measured speed-up',
    xLabel: 'trial',
    points,
    line: points.map(({ x }) => ({ x, y: Math.max(...values.slice(0, x)) })),
    reference: 1,
  };
}

/** @param title Plain text, e.g. the model's name. */
export function studyPlot(title: string, panels: readonly Panel[]): string {
  const { width, height } = SIZE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * width} ${height + 24}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${(panels.length * width) / 2}" y="18" text-anchor="middle" font-size="14">${escaped(title)}</text>`,
    ...panels.map((panel, i) => `<g transform="translate(${i * width} 20)">\n${panelSvg(panel)}\n</g>`),
    '</svg>\n',
  ].join('\n');
}

function panelSvg({ title, xLabel, points, line = [], reference }: Panel): string {
  const { width, height, left, right, top, bottom } = SIZE;
  const drawn = [...points, ...line];
  const ys = [...drawn.map(({ y }) => y), ...(reference === undefined ? [0] : [reference])];
  const xScale = scale([0, ...drawn.map(({ x }) => x)], left, width - right);
  const yScale = scale(ys, height - bottom, top);
  const at = ({ x, y }: Point) => `${xScale.at(x)},${yScale.at(y)}`;
  return [
    `<text x="${left}" y="${top - 12}" font-size="12">${title}</text>`,
    `<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${xLabel}</text>`,
    ...yScale.ticks.map(
      (y) =>
        `<path d="M${left} ${yScale.at(y)}H${width - right}" stroke="#ddd"/>` +
        `<text x="${left - 6}" y="${yScale.at(y) + 4}" text-anchor="end">${y.toFixed(2)}</text>`,
    ),
    ...xScale.ticks.map(
      (x) =>
        `<text x="${xScale.at(x)}" y="${height - bottom + 16}" text-anchor="middle">${x.toFixed(0)}</text>`,
    ),
    reference === undefined
      ? ''
      : `<path d="M${left} ${yScale.at(reference)}H${width - right}" stroke="#888" stroke-dasharray="4 3"/>`,
    `<polyline points="${line.map(at).join(' ')}" fill="none" stroke="#c33"/>`,
    ...points.map(
      (point) => `<circle cx="${xScale.at(point.x)}" cy="${yScale.at(point.y)}" r="2.5" fill="#36c"/>`,
    ),
  ].join('\n');
}

/** From values to pixels, rounded to a tenth. */
function scale(values: readonly number[], from: number, to: number) {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const span = max - min || 1;
  return {
    at: (value: number) => Math.round(10 * (from + ((value - min) / span) * (to - from))) / 10,
    ticks: Array.from({ length: TICKS + 1 }, (_, i) => min + (i / TICKS) * span),
  };
}

function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
