/** zod schemas are made by their classes, which read the definition: so definitions are filled first, innermost first. */
import type { BundleNode, Encoded } from './bundle.ts'
import { nodeNumber } from './decode.ts'
import { make, type Revival, resolve } from './revival.ts'

type Fill = (revival: Revival, id: number, node: BundleNode) => void

/** Makes all schemas; returns the numbers of the nodes that were filled on the way. */
export function reviveSchemas(revival: Revival, fill: Fill): ReadonlySet<number> {
  const done = new Set<number>()
  const { nodes } = revival.bundle

  function complete(encoded: Encoded): void {
    const id = nodeNumber(encoded)
    const node = id === null ? undefined : nodes[id]
    if (id === null || !node || done.has(id) || node.type === 'function') return
    done.add(id)
    for (const part of partsOf(node)) complete(part)
    if (node.type === 'schema') make(revival, id, construct(revival, node))
    else fill(revival, id, node)
  }

  for (const [id, node] of nodes.entries()) if (node.type === 'schema') complete([id])
  return done
}

interface Schema {
  readonly _zod?: Record<string, unknown>
  meta?(metadata: object): Schema
}

function construct(revival: Revival, node: BundleNode & { type: 'schema' }): object {
  const type = resolve(revival, node.class) as new (definition: unknown) => Schema
  const plain = new type(resolve(revival, node.definition))
  const metadata = resolve(revival, node.metadata)
  const schema = metadata === undefined ? plain : (plain.meta?.(metadata as object) ?? plain)
  for (const [key, value] of node.later) if (schema._zod) schema._zod[key] = resolve(revival, value)
  return schema
}

/** What a definition may be made of. */
function partsOf(node: BundleNode): readonly Encoded[] {
  const own = 'properties' in node ? (node.properties ?? []).flatMap(([, , ...values]) => values) : []
  switch (node.type) {
    case 'schema':
      return [node.definition, node.metadata, ...node.later.map(([, value]) => value)]
    case 'object':
      return [...node.values, ...own]
    case 'array':
    case 'set':
      return [...node.items, ...own]
    case 'map':
      return [...node.entries, ...own]
    default:
      return own
  }
}
