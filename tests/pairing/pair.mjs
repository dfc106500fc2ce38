// Pairs as any program would that knows the standard alone: metadata, code, poll, token. One JSON object a line.
import * as oauth from "openid-client";

const say = (what) => console.log(JSON.stringify(what));
const options = { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] }; // the server under test has no TLS
const config = await oauth.discovery(new URL(process.argv[2]), "ars-agent", undefined, oauth.None(), options);
const asked = await oauth.initiateDeviceAuthorization(config, {
  make_and_model: "Canon TR8620 series",
  serial_number: "ACDE04471",
  printer_uuid: "urn:uuid:0a1b2c3d-0000-4000-8000-00000000beef",
});
say(asked);
try {
  say(await oauth.pollDeviceAuthorizationGrant(config, asked));
} catch (refused) {
  say({ error: refused.error, error_description: refused.error_description });
}
