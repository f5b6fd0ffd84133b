// Two pages. The viewer's becomes a handful of files with relative addresses, because it is served below a random token.
// A report's (--mode report) becomes one file that holds all it needs, and that may run and load nothing else.
import { createHash } from 'node:crypto';
import { defineConfig, type Plugin } from 'vite';

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policy = (script: string, style: string) =>
  `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'`;

// Puts script and style into the page. A function gives what takes a place, so that "$" stays "$".
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const script = files.flatMap((f) => (f.type === 'chunk' ? [f.code.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '<\\!--')] : []));
      const style = files.flatMap((f) => (f.type === 'asset' && f.fileName.endsWith('.css') ? [String(f.source)] : []));
      const page = bundle['report.html'];
      if (script.length !== 1 || style.length !== 1 || page?.type !== 'asset') throw new Error('A report must become one script and one style sheet.');
      const [code, look] = [`\n${script[0]}`, `\n${style[0]}`];
      page.source = String(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/, '')
        .replace('<meta charset="utf-8" />', (found) => `${found}\n    <meta http-equiv="Content-Security-Policy" content="${policy(code, look)}" />`)
        .replace('</head>', () => `<style>${look}</style>\n  </head>`)
        .replace('</body>', () => `<script type="module">${code}</script>\n  </body>`);
      for (const f of files) if (f !== page) delete bundle[f.fileName];
    },
  };
}

export default defineConfig(({ mode }) => ({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  ...(mode === 'report' ? { plugins: [oneFile()], publicDir: false as const } : {}),
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    ...(mode === 'report' ? { emptyOutDir: false, cssCodeSplit: false, rollupOptions: { input: 'report.html', output: { inlineDynamicImports: true } } } : {}),
  },
}));
