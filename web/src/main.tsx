import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './api/queries'
import { routerOf } from './app/routes'
import { Session } from './app/session'
import { apply } from './app/theme'
import './style/tokens.css'
import './style/base.css'
import './style/shell.css'
import './style/parts.css'

const router = routerOf()
apply()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Session>
        <RouterProvider router={router} />
      </Session>
    </QueryClientProvider>
  </StrictMode>,
)
