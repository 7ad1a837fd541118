export default function Trace({ id: _ }: { id: string }) {
  return null
}
