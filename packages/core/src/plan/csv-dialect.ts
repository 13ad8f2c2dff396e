/** A dialect of CSV: how its records are to be read. Plain data. */
export interface CsvDialect {
  /** One ASCII character. */
  readonly delimiter: string
  /** One ASCII character, doubled inside quotes; null where quotes mean nothing. */
  readonly quote: string | null
  /** Whether the first record of each file names the columns. */
  readonly header: boolean
  /** Names given by the user; null: those of the header, and without one rows are arrays. */
  readonly columns: readonly string[] | null
}
