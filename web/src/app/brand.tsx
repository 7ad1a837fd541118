export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true" fill="none">
        <circle cx="9" cy="21" r="6" stroke="var(--accent)" strokeWidth="2.6" />
        <circle cx="23" cy="21" r="6" stroke="var(--high)" strokeWidth="2.6" />
        <path d="M9 21 13.5 10H22l1 11M13.5 10 18.5 21H23" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" />
      </svg>
      Tandem
    </span>
  )
}
