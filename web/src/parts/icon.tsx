// Icons: strokes of one weight on a grid of 16.
const PATHS = {
  home: 'M2.5 7.5 8 3l5.5 4.5M4 6.5V13h8V6.5M6.8 13V9.5h2.4V13',
  explore: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14',
  alerts: 'M8 2v1.2M3.8 11.5c1-1 1-2 1-4a3.2 3.2 0 0 1 6.4 0c0 2 0 3 1 4ZM6.7 13.5h2.6',
  services: 'M2.5 3h4v4h-4ZM9.5 3h4v4h-4ZM6 10h4v4H6ZM4.5 7v1.5h7V7M8 8.5V10',
  findings: 'M8 2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4ZM8 5.5v3M8 10.6v.2',
  controls: 'M3 4h10M3 8h10M3 12h10M6 2.8v2.4M10.5 6.8v2.4M5 10.8v2.4',
  readiness: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.5 8.2 7.3 10l3.4-3.8',
  planning: 'M2.5 3.5h11v10h-11ZM2.5 6.5h11M5.5 2v2.5M10.5 2v2.5M5.5 9h2M5.5 11.3h5',
  dashboards: 'M2.5 13.5v-6M6.2 13.5v-10M9.8 13.5V9M13.5 13.5v-8',
  settings: 'M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 2v1.8M8 12.2V14M2 8h1.8M12.2 8H14M3.8 3.8 5 5M11 11l1.2 1.2M12.2 3.8 11 5M5 11l-1.2 1.2',
  close: 'M4 4l8 8M12 4l-8 8',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  link: 'M6.5 9.5 9.5 6.5M7 4.5 8.6 3A3 3 0 0 1 13 7.4L11.5 9M9 11.5 7.4 13A3 3 0 0 1 3 8.6L4.5 7',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4 6 8l4 4',
  views: 'M4.5 2.5h7v11L8 10.8l-3.5 2.7Z',
  column: 'M2.5 3.5h11v9h-11ZM6.2 3.5v9M9.8 3.5v9',
  play: 'M5 3.5v9l7-4.5Z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z',
  critical: 'M8 1.5 14.5 8 8 14.5 1.5 8ZM8 5v3.4M8 10.6v.2',
  high: 'M8 2 14.5 13.5h-13ZM8 6.5v3M8 11.4v.2',
  medium: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM8 5.5v3M8 10.6v.2',
  low: 'M1.5 3.5h13L8 14.5Z',
  informational: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM8 7.5v3.2M8 5.2v.2',
  good: 'M3 8.5 6.5 12 13 4.5',
} as const
export type IconName = keyof typeof PATHS

export function Icon({ name, title }: { name: IconName; title?: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" role={title ? 'img' : undefined} aria-label={title} aria-hidden={title ? undefined : true}>
      <path d={PATHS[name]} />
    </svg>
  )
}
