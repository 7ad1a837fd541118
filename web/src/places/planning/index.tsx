import { Empty, Head } from '../../parts/basic'

export default function Place() {
  return (
    <div className="place">
      <Head title="Planning" />
      <Empty title="Not made yet" />
    </div>
  )
}
