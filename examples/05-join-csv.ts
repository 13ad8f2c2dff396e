// Joins two CSV files: what each customer has spent, also those who spent nothing.
import { createContext } from 'kindling'

await using ctx = await createContext()

const customers = ctx.csv('examples/data/customers.csv', { header: true }).keyBy((customer) => Number(customer['id']))
const spent = ctx
  .csv('examples/data/orders.csv', { header: true })
  .map((order): [number, number] => [Number(order['customer']), Number(order['amount'])])
  .reduceByKey((a, b) => a + b)

await customers
  .leftOuterJoin(spent)
  .map(([, [customer, sum]]) => ({ name: customer['name'], city: customer['city'], spent: sum ?? 0 }))
  .sortBy((row) => row.spent, false)
  .show()
