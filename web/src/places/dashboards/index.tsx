import { Empty, Head } from '../../parts/basic'

export default function Place() {
  return (
    <div className="place">
      <Head title="Dashboards" />
      <Empty title="Not made yet" />
    </div>
  )
}
