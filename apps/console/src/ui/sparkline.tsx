import { memo } from 'react';

interface SparklineProps {
  readonly values: readonly number[];
  readonly width?: number;
  readonly height?: number;
}

/** A small line without axes: the shape of the last minute. The figure it belongs to is written beside it. */
export const Sparkline = memo(function Sparkline({ values, width = 72, height = 20 }: SparklineProps) {
  const max = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  const y = (value: number) => height - 1 - (value / max) * (height - 2);
  const points = values.map((value, index) => `${(index * step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
});
