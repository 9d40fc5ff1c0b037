/** A real Streamlit through the gateway: it shows the person's own app.py, and a widget talks to it over its websocket. */
import { signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { openFromCatalog } from './applications.ts';

test.use({ deployment: 'streamlit' });

const FIRST_PAGE_MS = 60_000;

const APP = `
import streamlit as st
st.title("Acoustic peaks")
count = st.session_state.setdefault("count", 0)
if st.button("Next peak"):
    st.session_state["count"] += 1
st.write("Peak number", st.session_state["count"] + 1)
`;

test('the app of the storage is shown and answers', async ({ page, context, server }) => {
  const me = await signIn(server);
  await me.enter(context);
  const storage = await me.storage();
  const headers = { cookie: me.cookie, origin: server.url };
  const stored = await fetch(`${server.url}/api/storages/${storage.id}/objects?key=app.py`, {
    method: 'PUT',
    headers,
    body: APP,
  });
  expect(stored.status).toBe(200);
  const app = await openFromCatalog(page, 'Streamlit');
  await expect(app.getByRole('heading', { name: 'Acoustic peaks' })).toBeVisible({ timeout: FIRST_PAGE_MS });
  await expect(app.getByText('Peak number 1')).toBeVisible();
  await app.getByRole('button', { name: 'Next peak' }).click();
  await expect(app.getByText('Peak number 2')).toBeVisible();
  await app.getByRole('button', { name: 'Next peak' }).click();
  await expect(app.getByText('Peak number 3')).toBeVisible();
});
