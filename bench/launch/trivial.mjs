/** The smallest application: accepts connections on PORT. The same program is launched by the product and by hand. */
import { createServer } from 'node:http';

createServer((_req, res) => res.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
