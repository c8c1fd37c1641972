import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { notices } from "./notices";

// `npm run dev` serves the sources and passes everything of the API on to a Grantline that runs already.
const grantline = process.env["GRANTLINE_URL"] ?? "http://127.0.0.1:8000";
const passedOn = Object.fromEntries(["/v1.0", "/api", "/auth", "/healthz"].map((path) => [path, grantline]));

export default defineConfig({
  plugins: [react(), notices()],
  server: { proxy: passedOn },
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
});
