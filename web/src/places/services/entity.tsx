import { Empty, Head } from '../../parts/basic'

export default function Place() {
  return (
    <div className="place">
      <Head title="entity" />
      <Empty title="Not made yet" />
    </div>
  )
}
