import { Empty, Head } from '../../parts/basic'

export default function Place() {
  return (
    <div className="place">
      <Head title="dashboard" />
      <Empty title="Not made yet" />
    </div>
  )
}
