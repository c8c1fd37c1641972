import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { listen } from "./live";

/** Keep what is on the screen true, for as long as the caller is there. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => listen(client), [client]);
}
