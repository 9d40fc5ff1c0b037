import { ErrorPage } from '../../ui/shell/error-pages.tsx';

/** Inside the console: the frame stays, so that the way on is at hand. */
export default function NotFound() {
  return <ErrorPage kind="notFound" bare />;
}
