/**
 * The supervisor: one small program per local environment, started apart from the server so that neither a crash nor a kill -9 of
 * the server touches an environment. It takes one order over the inherited socket, claims the run record, starts the application,
 * owns its output, limits and exit status, and ends when nothing of the environment is left. It waits idle until the order comes,
 * so that the spawner can keep one warm. It imports domain and its own folder only, reads no variables, and prints nothing.
 */
import { Socket } from 'node:net';
import { onMessage, type ToSupervisor } from '../protocol.ts';
import { supervise } from './supervise.ts';

const ORDERS_FD = 3;

const orders = new Socket({ fd: ORDERS_FD });
let begun = false;

orders.on('error', () => orders.destroy());
orders.on('close', () => {
  // The server has gone before it gave an order.
  if (!begun) process.exit(0);
});
onMessage<ToSupervisor>(orders, (message) => {
  if (begun || !('start' in message)) return;
  begun = true;
  void supervise(message.start, orders);
});
