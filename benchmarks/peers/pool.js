// Sends one mail to many readers through nodemailer's pool: node pool.js PORT CONNECTIONS MESSAGES MAIL.json
const fs = require("fs");
const nodemailer = require("nodemailer");

const [port, connections, messages] = process.argv.slice(2, 5).map(Number);
const mail = JSON.parse(fs.readFileSync(process.argv[5], "utf8"));
const pool = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port, ignoreTLS: true, maxConnections: connections, maxMessages: Infinity,
});

let begun = 0;
let done = 0;
const feed = () => {
  while (begun < messages && pool.isIdle()) {
    begun += 1;
    const reader = `reader${begun}@inbox.example`;
    const leave = `${mail.leave}${begun}`;
    pool.sendMail({
      from: mail.from, to: reader, subject: mail.subject,
      text: mail.text.replaceAll(mail.leave, leave), html: mail.html.replaceAll(mail.leave, leave),
      headers: { "List-Unsubscribe": `<${leave}>` },
    }, (error) => {
      if (error) throw error;
      done += 1;
      if (done === messages) pool.close();
    });
  }
};
pool.on("idle", feed);
feed();
