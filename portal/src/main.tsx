import "./base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { client } from "./api/queries";
import { preferred, speak } from "./messages/language";
import { watch } from "./ui/leaving";

const place = document.getElementById("portal");
if (!place) throw new Error("index.html has no place for the portal (this is a bug)");

watch();
void speak(preferred()).finally(() => {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
});
