def call(Map config = [:]) {
    def version = config.version ?: '1.0'
    podTemplate(
        label: 'web',
        containers: [
            containerTemplate(name: 'jnlp', image: 'jenkins/inbound-agent:latest@sha256:734afb2d8ff315c0403a0917973cb880f39bc7337892e2efd8fe6ebba754bb2b', args: '${computer.jnlpmac}'),
            containerTemplate(image: "docker:27-dind@sha256:58fb4bdf5f34908ce93802585089b1187adbe23f042b9783c0a9a207cc40b6f7", name: 'docker', privileged: true,
                envVars: [envVar(key: 'image', value: 'not-an-image')]),
            containerTemplate(name: 'app', image: "acme/app:${version}")
        ]
    ) {
        node('web') {
            checkout scm
            def app
            app = docker.build("acme/web:${env.BUILD_ID}", '.')
            docker.image('postgres:16@sha256:87fb687776069f58fae791d3204c99d7d93fc59c5e9217241dc420719264a667').withRun('-e POSTGRES_PASSWORD=x') { c ->
                docker.image("cypress/included:13.15.0@sha256:ef3abb7e2773bccc78ec76a596d7ac9b5cb33955530e84ba403ded2211c0a507").inside("--link ${c.id}:db") {
                    sh "echo ${c.id =~ /docker.image('no')/}"
                }
            }
            docker.withRegistry('https://registry.example.com', 'registry') {
                docker.image('acme/tester:2').inside { sh 'test' }
                app.push('latest')
                docker.image('acme/other').push()
            }
            docker.withRegistry('', 'hub') {
                docker.image('acme/hub:3@sha256:44600211ac5e65a8c3fbada7576cd8798609a2cb3216b4102ae8429664a9d24b').pull()
            }
            docker.image(config.image ?: 'fallback:1').inside { }
            def ratio = 10 / 2 // docker.image('no')
        }
    }
}
