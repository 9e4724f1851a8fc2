/** What Ctrl-Z does in a view: in raw mode it is a key like any other. */
import { createContext } from 'react';

export const SuspendKey = createContext<() => void>(() => {});
