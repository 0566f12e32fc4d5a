import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../frame/theme.js';

export interface ChartSeries {
  readonly label: string;
  /** A custom property of the style sheet: the canvas follows the theme. */
  readonly colour: string;
  readonly kind: 'line' | 'bars';
}

interface ChartProps {
  /** What it shows, in words, with its figures: a canvas tells nothing to those who do not see it. */
  readonly description: string;
  readonly series: readonly ChartSeries[];
  /** Times in seconds since the epoch, then one list per series. */
  readonly data: readonly (readonly (number | null)[])[];
  readonly height: number;
  /** How much time is shown, whatever of it there is data for. @default all of the data */
  readonly spanSeconds?: number;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** A chart over time. It keeps its size while data comes, and follows its box when that changes. */
export function Chart({ description, series, data, height, spanSeconds }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(data);
  latest.current = data;
  const theme = useTheme();
  const shape = series.map(({ label, colour, kind }) => `${label}|${colour}|${kind}`).join();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const chart = new uPlot(
      optionsOf(element, series, height, spanSeconds),
      latest.current as uPlot.AlignedData,
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [shape, height, theme.shown]);
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [data]);
  return <div ref={box} className="chart" role="img" aria-label={description} style={{ height }} />;
}

function optionsOf(
  element: HTMLElement,
  series: readonly ChartSeries[],
  height: number,
  spanSeconds: number | undefined,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colourOf = (property: string) => style.getPropertyValue(property).trim();
  const axis: uPlot.Axis = {
    stroke: colourOf('--text-soft'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { time: true, ...(spanSeconds && { range: (_chart, _min, max) => [max - spanSeconds, max] }) },
      y: { range: (_chart, _min, max) => [0, Math.max(max * 1.1, 1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, space: 60, values: timesOf },
      { ...axis, size: 40, space: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000] },
    ],
    series: [
      {},
      ...series.map(({ label, colour, kind }): uPlot.Series => {
        const stroke = colourOf(colour);
        return kind === 'line'
          ? { label, stroke, width: 2, points: { show: false } }
          : { label, fill: stroke, width: 0, points: { show: false }, paths: uPlot.paths.bars?.({ size: [0.8, 24] }) };
      }),
    ],
  };
}

function timesOf(_chart: uPlot, seconds: number[], _axis: number, _space: number, step: number): string[] {
  const format = step < 60 ? clockWithSeconds : clock;
  return seconds.map((second) => format.format(second * 1000));
}
