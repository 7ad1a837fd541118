import { Dialog } from '../parts/form'
import { known, type Keys } from '../parts/keys'
import { useState } from 'react'

/** Which keys there are here and now. */
export function Help({ close }: { close: () => void }) {
  const [layers] = useState(() => {
    // Parts of a place that have one name are one to who reads.
    const named = new Map<string, Keys>()
    for (const { name, keys } of known().filter(({ name }) => name !== 'Dialog').reverse()) named.set(name, { ...keys, ...named.get(name) })
    return [...named].map(([name, keys]) => ({ name, keys: Object.entries(keys) }))
  })
  return (
    <Dialog title="Keys" onClose={close}>
      {layers.map((layer) => (
        <div key={layer.name} className="col">
          <h3>{layer.name}</h3>
          <div className="keys">
            {layer.keys.map(([key, { does }]) => (
              <div key={key} style={{ display: 'contents' }}>
                <span>{key.split(' ').map((one) => <kbd key={one}>{one.replace('Ctrl-k', 'Ctrl K')}</kbd>)}</span>
                <span>{does}</span>
              </div>
            ))}
          </div>
        </div>
      ))}
    </Dialog>
  )
}
