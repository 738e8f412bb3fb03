// A line chart as SVG: series over a logarithmic x axis.

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly colour: string;
  readonly isDashed?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Also logarithmic. Default false: from 0 on. */
  readonly isLogY?: boolean;
}

const SIZE = { width: 640, height: 360, left: 64, right: 180, top: 40, bottom: 48 };
const LINEAR_TICKS = 5;

export function lineChart(series: readonly Series[], options: ChartOptions): string {
  const { width, height, left, right, top, bottom } = SIZE;
  const points = series.flatMap((each) => each.points);
  const x = logScale(
    points.map((point) => point.x),
    left,
    width - right,
  );
  const ys = points.map((point) => point.y);
  const y = options.isLogY ? logScale(ys, height - bottom, top) : linearScale(ys, height - bottom, top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${left}" y="20" font-size="14">${escaped(options.title)}</text>`,
    `<text x="${(left + width - right) / 2}" y="${height - 10}" text-anchor="middle">${escaped(options.xLabel)}</text>`,
    `<text x="${left}" y="${top - 8}">${escaped(options.yLabel)}</text>`,
    ...y.ticks.map(
      (tick) =>
        `<path d="M${left} ${y.at(tick)}H${width - right}" stroke="#ddd"/>` +
        `<text x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${label(tick)}</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        `<text x="${x.at(tick)}" y="${height - bottom + 16}" text-anchor="middle">${label(tick)}</text>`,
    ),
    ...series.map((each, i) => seriesSvg(each, i, x.at, y.at)),
    '</svg>\n',
  ].join('\n');
}

type At = (value: number) => number;

function seriesSvg({ name, points, colour, isDashed }: Series, index: number, x: At, y: At): string {
  const { width, right, top } = SIZE;
  const dash = isDashed ? ' stroke-dasharray="5 3"' : '';
  const [keyX, keyY] = [width - right + 12, top + 8 + 18 * index];
  return [
    `<polyline points="${points.map((point) => `${x(point.x)},${y(point.y)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
    ...points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="2.5" fill="${colour}"/>`),
    `<path d="M${keyX} ${keyY}h20" stroke="${colour}" stroke-width="2"${dash}/>`,
    `<text x="${keyX + 26}" y="${keyY + 4}">${escaped(name)}</text>`,
  ].join('\n');
}

function linearScale(values: readonly number[], from: number, to: number) {
  const max = roundedUp(Math.max(...values));
  return {
    at: (value: number) => tenths(from + (value / max) * (to - from)),
    ticks: Array.from({ length: LINEAR_TICKS + 1 }, (_, i) => (i / LINEAR_TICKS) * max),
  };
}

function logScale(values: readonly number[], from: number, to: number) {
  const [min, max] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  const span = max - min || 1;
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  // Few values are their own ticks; many get powers of ten.
  const ticks =
    distinct.length <= 10
      ? distinct
      : Array.from({ length: 12 }, (_, power) => 10 ** power).filter(
          (tick) => Math.log(tick) >= min - 1e-9 && Math.log(tick) <= max + 1e-9,
        );
  return { at: (value: number) => tenths(from + ((Math.log(value) - min) / span) * (to - from)), ticks };
}

/** 1, 2 or 5 times a power of ten. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

function tenths(value: number): number {
  return Math.round(10 * value) / 10;
}

function label(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
