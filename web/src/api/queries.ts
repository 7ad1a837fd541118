// How answers are kept: one client, one way to ask.
import { QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type Answer, type Asked, type Body, get, type PathsOf, post, Problem } from './client'
import { say } from '../parts/toast'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; a server that is away comes back.
      retry: (count, error) => error instanceof Problem && (error.status === 0 || error.status >= 500) && count < 3,
      refetchOnWindowFocus: true,
      // A browser that believes to be offline asks all the same: nobody waits without a word for what is never asked.
      networkMode: 'always',
      refetchOnReconnect: true,
    },
    mutations: { networkMode: 'always' },
  },
})

/** Asks by GET; `every` asks again after so many milliseconds. */
export function useGet<P extends PathsOf<'get'>>(path: P, asked: Omit<Asked, 'signal'> = {}, options: { every?: number; enabled?: boolean; keep?: boolean } = {}) {
  return useQuery<Answer<P>, Problem>({
    queryKey: [path, asked.path ?? {}, asked.query ?? {}],
    queryFn: ({ signal }) => get(path, { ...asked, signal }),
    refetchInterval: options.every ?? false,
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: (previous: unknown) => previous as never } : {}),
  })
}

/** Does something by POST, says so, and makes `also` be asked again. */
export function usePost<P extends PathsOf<'post'>>(path: P, options: { said?: string | ((answer: Answer<P, 'post'>) => string); also?: string[]; undo?: (answer: Answer<P, 'post'>) => void } = {}) {
  const client = useQueryClient()
  return useMutation<Answer<P, 'post'>, Problem, { body?: Body<P>; path?: Record<string, string | number> }>({
    mutationFn: ({ body, path: parts }) => post(path, body, parts ? { path: parts } : {}),
    onSuccess: (answer) => {
      if (options.said) {
        const words = typeof options.said === 'string' ? options.said : options.said(answer)
        say(words, options.undo && (() => options.undo!(answer)))
      }
      // It is done; nobody waits with a form open until all that it changed was asked again.
      for (const start of options.also ?? []) void client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(start) })
    },
  })
}
