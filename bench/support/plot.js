import { init } from 'echarts';

const NAMES = { empty: 'empty Fastify route', service: 'pict-repo', plain: 'plain route with one query' };

/**
 * The throughput of the main read against the number of connections, as SVG.
 *
 * @param {import('./results.js').Curves} curves
 */
export function plot(curves) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 360 });
  const contenders = Object.keys(NAMES).filter((who) => curves[who]);
  chart.setOption({
    animation: false,
    // Readable on a light page and on a dark one.
    backgroundColor: '#ffffff',
    title: { text: 'GET /v1/hashes/{hash}/identifier, requests a second', left: 'center', top: 8 },
    legend: { bottom: 8, itemGap: 40 },
    grid: { left: 70, right: 30, top: 50, bottom: 80 },
    xAxis: {
      type: 'category',
      name: 'connections',
      nameLocation: 'middle',
      nameGap: 28,
      data: Object.keys(curves[contenders[0]]),
    },
    yAxis: { type: 'value' },
    series: contenders.map((who) => ({
      name: NAMES[who],
      type: 'line',
      symbolSize: 8,
      data: Object.values(curves[who]).map(Math.round),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
