// A device becomes the till of one register: an administrator signs in once, here.

import { ask, tell } from "../api.js";
import { deviceTitle, reportDevice } from "../device.js";
import { html, useState } from "../preact.js";
import { bindTo } from "../session.js";
import { keepForGood } from "../store.js";
import { language, t } from "../texts.js";
import { Field, Problem, useAction } from "../widgets.js";

export function Enrol({ onDone }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [ticket, setTicket] = useState(null); // the password was right, a second factor is asked for
  const [code, setCode] = useState("");
  const [title, setTitle] = useState(deviceTitle());
  const [found, setFound] = useState(null); // {token, registers}
  const [isBusy, error, run] = useAction();

  const signIn = () =>
    run(async () => {
      const answer = await tell("SignIn", { email: email.trim(), password }, { language: language() });
      setPassword("");
      if (answer.__typename === "SecondFactorNeeded") setTicket(answer.ticket);
      else await look(answer);
    });

  const confirm = () =>
    run(async () => look(await tell("ConfirmSignIn", { ticket, code: code.trim() }, { language: language() })));

  async function look(tokens) {
    const registers = [];
    let after = null;
    do {
      const { registers: page } = await ask("Registers", { after }, { token: tokens.accessToken, language: language() });
      registers.push(...page.nodes.filter((each) => !each.isDecommissioned));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    setFound({ token: tokens.accessToken, registers });
  }

  const take = (register) =>
    run(async () => {
      const options = { token: found.token, language: language() };
      const { bindingToken } = await tell("IssueBinding", { registerId: register.id, title }, options);
      const bound = await tell("BindDevice", { bindingToken }, { language: language() });
      await ask("SignOut", {}, options).catch(() => null);
      await keepForGood();
      await bindTo({
        deviceId: bound.deviceId, deviceToken: bound.deviceToken, registerId: bound.registerId,
        number: register.number, title: register.title, outlet: register.outlet?.title ?? "",
        company: register.company?.title ?? "",
      });
      await reportDevice().catch(() => null); // again at the next start
      onDone();
    });

  if (ticket && !found) {
    return html`<main class="narrow">
      <h1>${t("second_factor")}</h1>
      <${Field} key="code" label=${t("second_factor_code")} value=${code} onInput=${setCode} inputmode="numeric" autocomplete="one-time-code" autofocus onEnter=${confirm} />
      <${Problem} error=${error} />
      <button class="primary big" disabled=${isBusy || !code.trim()} onClick=${confirm}>${t("sign_in")}</button>
    </main>`;
  }
  if (!found) {
    return html`<main class="narrow">
      <h1>${t("enrol_title")}</h1>
      <p class="soft">${t("enrol_lead")}</p>
      <${Field} label=${t("email")} type="email" autocomplete="username" value=${email} onInput=${setEmail} autofocus />
      <${Field} label=${t("password")} type="password" autocomplete="current-password" value=${password} onInput=${setPassword} onEnter=${signIn} />
      <${Problem} error=${error} />
      <button class="primary big" disabled=${isBusy || !email || !password} onClick=${signIn}>${t("sign_in")}</button>
    </main>`;
  }
  return html`<main class="narrow">
    <h1>${t("choose_register")}</h1>
    <${Field} label=${t("device_title")} value=${title} onInput=${setTitle} />
    <${Problem} error=${error} />
    ${!found.registers.length && html`<p>${t("no_registers")}</p>`}
    <ul class="choices">
      ${found.registers.map(
        (register) => html`<li key=${register.id}>
          <button disabled=${isBusy} onClick=${() => take(register)}>
            <b>№ ${register.number} ${register.title}</b><span class="soft">${register.outlet?.title}</span>
          </button>
        </li>`,
      )}
    </ul>
  </main>`;
}
