import { Empty, Head } from '../../parts/basic'

export default function Place() {
  return (
    <div className="place">
      <Head title="alert" />
      <Empty title="Not made yet" />
    </div>
  )
}
