// How a relation is read from either end.
import type { Part } from './shapes'

const WORDS: Record<string, [string, string]> = {
  calls: ['Calls', 'Called by'],
  depends_on: ['Depends on', 'Needed by'],
  runs_on: ['Runs on', 'Runs here'],
  runs_in: ['Runs in', 'Holds'],
  part_of: ['Part of', 'Consists of'],
  built_from: ['Built from', 'What is built from it'],
  uses_image: ['Uses the image', 'Used by'],
  owned_by: ['Owned by', 'Owns'],
  listens: ['Listens on', 'Opened by'],
  executes: ['Executes', 'Executed by'],
  has: ['Contains', 'Contained in'],
  knows: ['Knows the account', 'Known to'],
  keeps: ['Keeps', 'Kept by'],
}

export function RELATIONS({ relation, outward }: Pick<Part, 'relation' | 'outward'>): string {
  const words = WORDS[relation]
  const plain = relation.replaceAll('_', ' ')
  return words ? words[outward ? 0 : 1] : outward ? plain : `${plain} (from there)`
}
