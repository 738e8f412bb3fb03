// The plane through measured times that is best by weighted least squares.

export interface PlanePoint {
  readonly rows: number;
  readonly slots: number;
  readonly ms: number;
  readonly weight: number;
}

/** A little of a prior that neither costs anything: points on one line leave their slope open otherwise. */
const RIDGE = 1e-6;

export function fittedPlane(points: readonly PlanePoint[]): (rows: number, slots: number) => number {
  const weights = points.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (value: (point: PlanePoint) => number) =>
    points.reduce((sum, point) => sum + point.weight * value(point), 0) / weights;
  const middle = {
    rows: mean(({ rows }) => rows),
    slots: mean(({ slots }) => slots),
    ms: mean(({ ms }) => ms),
  };
  const [r, s, m] = [
    (point: PlanePoint) => point.rows - middle.rows,
    (point: PlanePoint) => point.slots - middle.slots,
    (point: PlanePoint) => point.ms - middle.ms,
  ];
  const product = (a: typeof r, b: typeof r) => mean((point) => a(point) * b(point));
  const [rr, ss, rs] = [product(r, r) + RIDGE, product(s, s) + RIDGE, product(r, s)];
  const [rm, sm] = [product(r, m), product(s, m)];
  const determinant = rr * ss - rs * rs;
  const perRow = (rm * ss - sm * rs) / determinant;
  const perSlot = (sm * rr - rm * rs) / determinant;
  return (rows, slots) => middle.ms + perRow * (rows - middle.rows) + perSlot * (slots - middle.slots);
}
