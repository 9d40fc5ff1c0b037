'use client';
/**
 * Signs in with a one-time link. The secret arrives in the fragment, which no server and no log ever sees; it is taken out of
 * the address before anything else happens, so that neither history nor a screenshot keeps it.
 */
import { LoaderCircle } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import { safeNextPath } from '../../domain/next-path.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Copyable } from '../primitives/copyable.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { LinkRefusal } from './link-refusal.tsx';
import { type Refusal, readSecret, redeem } from './redeem.ts';
import { UseLink } from './use-link.tsx';

/** Prints a fresh link; run where the server was started. */
const LINK_COMMAND = 'npm start -- link';

interface LinkSignInProps {
  next: string | null;
  /** Somebody is signed in on this browser: a link that was sent to them must not make them another person unasked. */
  signedInAs: string | null;
}

export function LinkSignIn({ next, signedInAs }: LinkSignInProps) {
  const t = useT();
  const [text, setText] = useState('');
  const [malformed, setMalformed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [held, setHeld] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  // A secret that never reached the server is still good: Try again uses it.
  const unused = useRef<string | null>(null);

  const submit = useCallback(
    async (secret: string) => {
      setBusy(true);
      setRefusal(null);
      const refused = await redeem(secret);
      if (refused === null) {
        // A full load: the pages of the signed-in app come with its cookie. `busy` stays until the page is gone.
        window.location.replace(safeNextPath(next, window.location.origin));
        return;
      }
      unused.current = refused.kind === 'unreachable' ? secret : null;
      setRefusal(refused);
      setBusy(false);
    },
    [next],
  );

  useEffect(() => {
    const takeFragment = () => {
      if (!window.location.hash.includes('link=')) return;
      const secret = readSecret(window.location.hash);
      history.replaceState(history.state, '', window.location.pathname + window.location.search);
      if (secret && signedInAs !== null) setHeld(secret);
      else if (secret) void submit(secret);
      else setRefusal({ kind: 'invalid' });
    };
    takeFragment();
    // A link pasted into the address bar of this very page changes only the fragment.
    window.addEventListener('hashchange', takeFragment);
    return () => window.removeEventListener('hashchange', takeFragment);
  }, [submit, signedInAs]);

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const secret = readSecret(text);
    setMalformed(secret === null);
    if (secret === null) return;
    setText('');
    void submit(secret);
  };

  return (
    <>
      <div aria-live="polite" className="mt-2">
        {busy ? (
          <p className="flex items-center gap-2 text-ink-2">
            <LoaderCircle className="icon animate-spin" aria-hidden />
            {t('signIn.redeeming')}
          </p>
        ) : held !== null ? (
          <UseLink
            name={signedInAs ?? ''}
            onUse={() => {
              setHeld(null);
              void submit(held);
            }}
          />
        ) : refusal ? (
          <LinkRefusal
            refusal={refusal}
            onRetry={() => {
              if (unused.current) void submit(unused.current);
            }}
          />
        ) : (
          <p className="text-ink-2">{t('signIn.link.intro')}</p>
        )}
      </div>
      <form onSubmit={onSubmit} className="mt-4 flex flex-col gap-3">
        <Field label={t('signIn.link.label')} hideLabel error={malformed ? t('signIn.link.malformed') : undefined}>
          <Input
            mono
            required
            value={text}
            placeholder="http://…/sign-in#link=…"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            disabled={busy}
            onChange={(event) => {
              setText(event.target.value);
              setMalformed(false);
            }}
          />
        </Field>
        <Button type="submit" look="primary" size="lg" wide busy={busy}>
          {t('signIn.link.submit')}
        </Button>
      </form>
      <p className="mt-5 mb-2 text-ink-2 text-sm">{t('signIn.link.how')}</p>
      <Copyable block text={LINK_COMMAND} />
    </>
  );
}
