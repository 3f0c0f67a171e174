from wordtally.command import main

main()
