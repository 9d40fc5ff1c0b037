/** What lists that are read page after page have in common. */
import { z } from 'zod';

/** The query library of the pages says with each page which way it goes; there is one way only. */
export const onwards = z.literal('forward').optional();
