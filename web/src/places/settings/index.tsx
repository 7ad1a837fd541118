import { Empty, Head } from '../../parts/basic'

export default function Place() {
  return (
    <div className="place">
      <Head title="Settings" />
      <Empty title="Not made yet" />
    </div>
  )
}
