/**
 * Key parts: which bytes of a key order it or choose its reducer, in the words of sort(1) that Hadoop took over: `-k2,2nr -k1,1`.
 * Source: KeyFieldHelper.java of Apache Hadoop.
 */
import { PlanError } from '../errors.ts'

export interface KeyPart {
  /** Fields and characters (bytes) count from 1. */
  readonly startField: number
  readonly startChar: number
  /** 0: the key's end. */
  readonly endField: number
  /** 0: the field's end. */
  readonly endChar: number
  readonly isNumeric: boolean
  readonly isReverse: boolean
}

const KEY = /^(\d+)(?:\.(\d+))?([nr]*)(?:,(\d+)(?:\.(\d+))?([nr]*))?$/
const WHOLE_KEY = { startField: 1, startChar: 1, endField: 0, endChar: 0 }

/**
 * `1,2` alone is short for `-k1,2`, and `1` for `-k1,1`.
 * @throws PlanError naming the option and the word that is none
 */
export function parseKeyParts(option: string, text: string): readonly KeyPart[] {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 1 && /^\d+(,\d+)?$/.test(words[0] ?? '')) {
    const [from, to = from] = (words[0] ?? '').split(',').map(Number)
    return [{ ...WHOLE_KEY, startField: from ?? 1, endField: to ?? 0, isNumeric: false, isReverse: false }]
  }
  const parts: KeyPart[] = []
  let isNumeric = false
  let isReverse = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word.startsWith('-k')) parts.push(partOf(option, word.length > 2 ? word.slice(2) : (words[++i] ?? '')))
    else if (/^-[nr]+$/.test(word)) {
      isNumeric ||= word.includes('n')
      isReverse ||= word.includes('r')
    } else throw wrong(option, word)
  }
  // Options without a key count for the keys that have none of their own, or for the whole key.
  if (parts.length === 0) return isNumeric || isReverse ? [{ ...WHOLE_KEY, isNumeric, isReverse }] : []
  return parts.map((part) => (part.isNumeric || part.isReverse ? part : { ...part, isNumeric, isReverse }))
}

function partOf(option: string, text: string): KeyPart {
  const [whole, startField = '', startChar = '1', early = '', endField = '0', endChar = '0', late = ''] =
    KEY.exec(text) ?? []
  if (whole === undefined || Number(startField) === 0 || Number(startChar) === 0) throw wrong(option, `-k${text}`)
  const flags = early + late
  return {
    startField: Number(startField),
    startChar: Number(startChar),
    endField: Number(endField),
    endChar: Number(endChar),
    isNumeric: flags.includes('n'),
    isReverse: flags.includes('r'),
  }
}

function wrong(option: string, word: string): PlanError {
  return new PlanError(`stream: ${option}: expected keys like -k1,1 or -k2,2nr, got "${word}". Fields count from 1.`)
}
